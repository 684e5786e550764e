"""Two byte streams become exchanges, states as data; pure, and unaware of sockets and clocks."""
