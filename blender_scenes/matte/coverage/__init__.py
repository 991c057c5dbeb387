"""The fraction of a pixel that geometry covers, calculated without sampling light."""
