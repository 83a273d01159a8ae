"""Records as frozen values. The field names are the keys of the YAML; the schema has judged the
types before anything here is built. Absent on purpose: behaviour that needs a clock or a file.
"""
