"""The one family of errors that people and programs may be told about."""


class RuleBroken(Exception):
    """
    A rule of the business refuses what was asked; nothing was changed.

    ``code`` is for programs, the message is a sentence for people, ``data`` holds what a program needs to react.
    Edges translate it once: a form shows the sentence with 422, the API answers a problem with ``status``.
    """

    code = "rule_broken"
    status = 422

    def __init__(self, sentence: str, **data):
        super().__init__(sentence)
        self.data = data
