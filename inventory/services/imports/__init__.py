"""Set-based writing of imported rows, one module for each noun; called by the resources of files."""
