"""What crosses a process boundary: names, documents, the resource.

Standard library only, pure, imported by every other package and importing none of them.
"""
