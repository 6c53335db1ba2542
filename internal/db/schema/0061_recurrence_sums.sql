-- The counts of each weakness in each place, for one window of time whose last day
-- recurrence_base names: what is newer is added when somebody asks, and what was
-- changed before that day is put right here at once. No row names a case. A row of
-- audience 'staff' counts what all staff see; one of audience 'all' counts every
-- case, and nobody reads it but the house itself, for those who hold the grant.
create table recurrence_sums ( -- guarded
	guard text not null,      -- always '': no record opens the row
	audience text not null,   -- staff, all
	cwe text not null,        -- 'CWE-79'; '' counts the cases that state none, whatever their place
	product text not null,
	component text not null,
	n bigint not null,        -- cases in the window
	earlier bigint not null,  -- of them in its first half
	points bigint not null,   -- their severity points
	undated bigint not null,  -- cases without a date, which are in no window
	primary key (audience, cwe, product, component)
);
create index recurrence_sums_most on recurrence_sums (audience, n desc);
create index recurrence_sums_undated on recurrence_sums (audience, undated) where undated > 0;
create index recurrence_sums_guard on recurrence_sums (guard);

-- What the counts are of. There is no row before they were made for the first time.
create table recurrence_base (
	name text primary key,    -- 'sums'
	last bigint not null,     -- the end of the window's last day, microseconds UTC
	rules text not null       -- JSON: months of the window, points by severity
);

-- What was decided about a proposal to raise a risk. A proposal that nobody has
-- decided is no row: it follows from the cases. As of recurrence_sums, a row of
-- audience 'all' is about what only hidden cases make a proposal.
create table proposals ( -- guarded
	key text not null,        -- kind, weakness, product, component, with tabs between
	guard text not null,      -- always ''
	audience text not null,   -- staff, all
	state text not null,      -- raised, dismissed
	reason text not null,
	at bigint not null,
	author text not null,
	risk text not null,       -- the risk that was raised, '' where none
	seen bigint not null,     -- how many cases all staff saw in it then
	counted bigint not null,  -- how many there were
	primary key (key, audience)
);
create index proposals_guard on proposals (guard);
