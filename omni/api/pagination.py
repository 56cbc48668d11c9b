"""Keyset pages."""

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    max_page_size = 200
