"""Settings, URLs and the entry points of the processes: the only package that knows every other."""
