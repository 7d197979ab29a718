"""What can be asked over JSON: for each action its fields, its answer, its path and who may ask; a module each family.

Source: docs/json.md.
"""
