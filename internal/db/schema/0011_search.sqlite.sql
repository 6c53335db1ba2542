-- Full text of reports, cases and advisories; rowid is their column doc.
create virtual table search using fts5 (title, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2 tokenchars '-_'");
