"""Coming in and staying in, for pages and API alike: sessions and what they are remembered by."""
