"""Workers that are waited for before the next one starts, unless that is meant."""
