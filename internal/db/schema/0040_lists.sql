-- Lists that nothing narrows are merged from what all staff see and what names the
-- reader, each in the list's order.
create index cases_seen on cases (audience, doc desc);
