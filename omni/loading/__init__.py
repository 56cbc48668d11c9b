"""
Reading real data sets that lie on this machine: plain functions over their files, no model.

What is made of the rows is decided by each app, in the steps that ``settings.LOADER_STEPS`` names.
"""
