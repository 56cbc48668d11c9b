"""Departments: made and renamed."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Department, User


class CodeTaken(RuleBroken):
    code = "code_taken"


@transaction.atomic
def add(*, code: str, name: str, by: User, at: datetime) -> Department:
    """Make a department. Raises CodeTaken."""
    try:
        with transaction.atomic():
            department = Department.objects.create(code=code, name=name)
    except IntegrityError:
        raise CodeTaken(_("Another department has this code already.")) from None
    record("department.added", subject=department, at=at, by=by)
    return department


@transaction.atomic
def rename(*, department: Department, name: str, by: User, at: datetime) -> Department:
    """Call a department by another name."""
    department.name = name
    department.save(update_fields=["name"])
    record("department.renamed", subject=department, at=at, by=by)
    return department
