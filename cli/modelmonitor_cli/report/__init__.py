"""What commands share when they report to people: pages, pictures, terminals, files."""
