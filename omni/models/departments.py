"""Departments: who is asked, when a role is too wide and a person too narrow."""

from django.db import models


class Department(models.Model):
    """A part of the company that work, goals and pains can belong to."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
