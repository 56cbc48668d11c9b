"""Files of these tests are kept in a folder of their own, and jobs run when a test says so."""

import pytest


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
