-- Meetings: the regular review of the register, kept as a record.
create table meetings ( -- guarded meeting
	id text primary key,
	guard text not null,
	audience text not null,
	at bigint not null,        -- opened, microseconds UTC
	version bigint not null,
	state text not null,       -- open, closed
	from_at bigint not null,   -- the period that it looks at begins here
	closed_at bigint not null, -- 0 is open; the period ends here
	next_at bigint not null,   -- the next meeting; 0 while it is open
	body text not null         -- JSON: title, who was there, minutes
);
create index meetings_at on meetings (at);
create unique index meetings_one on meetings (state) where state = 'open';

-- What stood on the agenda of a closed meeting. Each row is guarded by its risk, and
-- stands once for each world of numbers: who may not see the risk, or may not count
-- hidden evidence, sees no trace of it.
create table meeting_items ( -- guarded
	meeting text not null,
	world text not null,       -- open, all
	section text not null,
	guard text not null,       -- the risk
	audience text not null,
	body text not null,        -- JSON: title, why, the numbers then and now
	primary key (meeting, world, section, guard)
);
create index meeting_items_guard on meeting_items (guard);

-- What a meeting decided, and what it asked somebody to do. Guarded by the risk that
-- it is about, or by the meeting where it is about none.
create table meeting_points ( -- guarded point
	id text primary key,
	guard text not null,
	audience text not null,
	meeting text not null,
	kind text not null,        -- decision, action
	at bigint not null,
	author text not null,
	who text not null,         -- of an action: whose it is
	due_at bigint not null,
	state text not null,       -- decision: taken; action: open, done, dropped
	done_at bigint not null,
	version bigint not null,
	body text not null         -- JSON: text, note
);
create index meeting_points_meeting on meeting_points (meeting, at);
create index meeting_points_open on meeting_points (state, at);
create index meeting_points_guard on meeting_points (guard, at);

-- Reviews of single risks. Scores are not kept here: they stand in the evaluations.
create table risk_reviews ( -- guarded
	id text primary key,
	guard text not null,       -- the risk
	audience text not null,
	at bigint not null,
	outcome text not null,     -- still-valid, re-scored, escalate
	meeting text not null,     -- in which it was reviewed; '' is none
	author text not null,
	next_at bigint not null,
	body text not null         -- JSON: reason, name of the author
);
create index risk_reviews_guard on risk_reviews (guard, at);

-- The candidates that functional leaders commit to.
create table candidates ( -- guarded candidate
	id text primary key,
	guard text not null,       -- the risk; of an alternative, the row itself
	audience text not null,
	at bigint not null,
	department text not null,
	period text not null,
	risk text not null,        -- '' is an alternative in words
	author text not null,
	ended_at bigint not null,  -- taken back; 0 stands
	body text not null         -- JSON: alternative, reason, why it was taken back
);
create index candidates_department on candidates (department, period, at);
create index candidates_guard on candidates (guard);

-- Filters with a name, of one person or for everybody.
create table saved_views (
	id text primary key,
	owner text not null,       -- who saved it
	shared boolean not null,
	surface text not null,     -- the page that it belongs to
	name text not null,
	query text not null,       -- of the page's address
	at bigint not null
);
create unique index saved_views_once on saved_views (owner, surface, name);

-- What hygiene knows of each policy that a record does not meet: since when, and
-- what it said of it. The row goes once the policy is met again.
create table cares ( -- guarded
	guard text not null,       -- the risk or the observation
	audience text not null,
	policy text not null,
	since_at bigint not null,  -- first noticed
	said_at bigint not null,   -- last said; 0 is never
	rung text not null,        -- of the ladder that it was taken to; '' is none
	primary key (guard, policy)
);
