-- Where each risk stands, as the register is listed and counted: each row is
-- guarded as its risk is, and says what order and counts ask of the risk, so that
-- they read one index and join nothing. Every risk has a row in each world from
-- the moment that it is raised; unset is a value.
drop index standings_score;
drop index standings_counted;
drop index risks_counted;
alter table standings rename to standings_before;
create table standings ( -- guarded
	risk text not null,
	world text not null,       -- open, all
	guard text not null,       -- the risk
	audience text not null,    -- of the risk
	closed boolean not null,   -- likewise
	doc bigint not null,       -- likewise
	kind text not null,        -- of the score in force: inherent, residual, adjusted, override; '' is not scored
	likelihood bigint not null, -- hundredths; -1 is unset, here and below
	impact bigint not null,
	score bigint not null,
	rating text not null,      -- '' is unset
	held boolean not null,     -- base and evidence disagree: a person must look
	items bigint not null,     -- of evidence that count
	points bigint not null,
	inherent bigint not null,  -- scores
	residual bigint not null,
	target bigint not null,
	standing text not null,    -- within, above, beyond; '' is unset
	scale text not null,       -- version of the scales that the base was judged on
	above_since bigint not null, -- since when it is out of tolerance; 0 is not
	at bigint not null,        -- of the newest evaluation
	primary key (risk, world)
);
insert into standings (risk, world, guard, audience, closed, doc, kind, likelihood, impact, score, rating, held, items, points, inherent, residual, target,
	standing, scale, above_since, at)
	select c.id, w.world, c.id, c.audience, c.closed, c.doc, coalesce(b.kind, ''), coalesce(b.likelihood, -1), coalesce(b.impact, -1), coalesce(b.score, -1),
		coalesce(b.rating, ''), coalesce(b.held, false), coalesce(b.items, 0), coalesce(b.points, 0), coalesce(b.inherent, -1), coalesce(b.residual, -1),
		coalesce(b.target, -1), coalesce(b.standing, ''), coalesce(b.scale, ''), coalesce(b.above_since, 0), coalesce(b.at, 0)
	from risks c cross join (select 'open' as world union all select 'all') w left join standings_before b on b.risk = c.id and b.world = w.world;
drop table standings_before;
create index standings_listed on standings (world, closed, score desc, doc desc, audience, guard, risk, rating, standing, held);
create index standings_counted on standings (world, closed, likelihood, impact, held, rating, standing, audience, guard, above_since);
create index risks_counted on risks (closed, stage, scope, response, department, audience, guard, id, doc, due_at, review_at, labels, owner);
