"""Every JSON that crosses the border of the compiler, as models with documented fields and units.

The only home of pydantic. Nothing else of the project is known here.
"""
