-- What escalation rules ask of the whole register: since when a risk is out of
-- tolerance, and whether it ever scored less, both of an index alone.
drop index standings_listed;
create index standings_listed on standings (world, closed, score desc, doc desc, audience, guard, risk, rating, standing, held, above_since);
create index evaluations_course on evaluations (world, risk, score, audience, guard);
