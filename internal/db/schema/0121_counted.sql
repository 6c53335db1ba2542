-- Reports count rounds of clocks by clock and severity, and what came in by weakness
-- and source: each a stretch of an index, with nothing to sort.
create index spans_kept on spans (what, severity, late, decided, product, audience, ended, begun, guard, due) where due > 0;
create index spans_came on spans (cwe, source, begun, severity, product, audience, guard, what, round) where what = 'case' and round = 1;
drop index spans_begun;
create index spans_begun on spans (begun, round, severity, product, audience, ended, guard, what) where what = 'case';
