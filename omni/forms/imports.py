"""What a person sends: a file, and the encoding of a text file that does not say so itself."""

from django import forms
from django.utils.translation import gettext_lazy as _

ENCODINGS = [
    ("", _("UTF-8, or as the file says")),
    ("cp1252", _("Windows, Western Europe (cp1252)")),
    ("gb18030", _("Chinese (GB18030, GBK, GB2312)")),
]


class ImportForm(forms.Form):
    """A CSV or XLSX file."""

    file = forms.FileField(
        label=_("File (CSV or XLSX)"),
        help_text=_("Up to 20 MB and 200,000 rows. Drop it here or choose it. Nothing changes before you confirm."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        allow_empty_file=True,
        max_length=255,
    )
    encoding = forms.ChoiceField(label=_("Encoding of a CSV file"), choices=ENCODINGS, required=False)
