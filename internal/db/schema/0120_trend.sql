-- What the register compares a score with, beside where the risk stands: the score
-- at its last review, as the same evidence counts. Risks that score the same are
-- listed by where they went since, then by age, of an index alone.
alter table standings add column was bigint not null default -1;  -- score at the last review, hundredths; -1 is none
alter table standings add column was_at bigint not null default 0; -- of that review; 0 is none
alter table standings add column trend bigint not null default 1; -- 0 worse, 1 without a score at a review, 2 the same, 3 better
update standings set was_at = coalesce((select max(x.at) from risk_reviews x where x.guard = standings.risk), 0);
update standings set was = coalesce((select e.score from evaluations e where e.risk = standings.risk and e.world = standings.world and e.at <= standings.was_at
	order by e.at desc, e.id desc limit 1), -1) where was_at > 0;
update standings set was_at = 0 where was < 0;
update standings set trend = case when score > was then 0 when score = was then 2 else 3 end where was >= 0 and score >= 0;
drop index standings_listed;
create index standings_listed on standings (world, closed, score desc, trend, doc, audience, guard, risk, rating, standing, held, above_since);
