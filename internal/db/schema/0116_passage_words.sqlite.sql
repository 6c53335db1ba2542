-- Full text of passages; rowid is their column doc, kind their kind in a word.
create virtual table passage_words using fts5 (kind, title, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2 tokenchars '-_'");
