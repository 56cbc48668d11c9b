"""
Files from people: read safely, checked cell by cell, and written so that they can be read again.

``reading`` opens CSV and XLSX as one stream of text cells; ``columns`` says what a cell may hold; ``resource`` is the
face of one kind of file (template, export, check, merge, undo); ``staging`` keeps a checked file as rows of a change
set; ``writing`` makes templates, exports and error files. What can be imported is listed in settings.IMPORT_KINDS.
"""
