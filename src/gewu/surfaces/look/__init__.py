"""The look that all pages share: tokens, components, words for dates. It knows no case and no database."""
