"""Series as characters: charts in braille or ASCII, as pure functions."""
