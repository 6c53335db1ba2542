-- What was measured on a case, one row a round: a clock, the stay in a stage, the
-- case as a whole, the way to its release. Rows follow from the case's recorded
-- events and are written with the case. guard is the case.
create table spans ( -- guarded
	guard text not null,
	audience text not null,
	what text not null,       -- clock:NAME, stage:NAME, case, fixed
	round bigint not null,    -- 1, 2, 3 …
	severity text not null,   -- of the case, as it is now; '' is unknown
	product text not null,
	source text not null,
	cwe text not null,
	begun bigint not null,    -- microseconds UTC
	ended bigint not null,    -- 4611686018427387904 (2^62) where it goes on
	held bigint not null,     -- microseconds of pauses in it
	due bigint not null,      -- 0 is no target
	decided bigint not null,  -- when it was kept or missed, or will be missed if nothing happens; 2^62 while it is paused
	late boolean not null,    -- decided as missed
	primary key (guard, what, round)
);
-- Reports read these alone, and no row: an index holds what its condition names, too.
create index spans_decided on spans (decided, what, late, severity, product, audience, ended, begun, guard, due) where due > 0;
create index spans_ended on spans (ended, what, severity, product, audience, begun, held, guard);
create index spans_begun on spans (begun, round, cwe, source, severity, product, audience, ended, guard, what) where what = 'case';
create index spans_open on spans (ended, begun, round, severity, product, audience, guard, what) where what = 'case';
create index spans_again on spans (begun, what, severity, product, audience, guard, round) where round > 1;

-- How far the cases of an older store are measured. There is no row before it began.
create table span_base (
	name text primary key,    -- 'spans'
	rules text not null,      -- what was measured: other rules measure anew
	upto text not null        -- the last case that was measured, in order of IDs; '~' is all
);
