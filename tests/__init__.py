"""The promises of the project, one folder a package, beside races, faults, browser, tooling and architecture."""
