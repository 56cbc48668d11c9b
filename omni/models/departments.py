"""Departments: who is asked, when a role is too wide and a person too narrow."""

from django.db import models


class DepartmentQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Everybody who works here may know the departments."""
        return self if staff.is_authenticated and staff.is_active else self.none()


class Department(models.Model):
    """A part of the company that work, goals and pains can belong to."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    objects = DepartmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
