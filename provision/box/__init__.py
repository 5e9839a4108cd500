"""The seam to Box: the only room that imports the vendor's SDK. It translates errors and strips personal data."""
