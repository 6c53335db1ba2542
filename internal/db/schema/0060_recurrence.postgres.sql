-- What keeps coming back: cases of one weakness in one place. A case's own row is
-- the occurrence; barred says why it does not count: the disposition by which it
-- was found to be no vulnerability, or what its published record says of itself;
-- '' counts.
alter table cases add column barred text not null default '';
update cases set barred = case
	when closed and coalesce(body::json ->> 'disposition', '') <> '' then body::json ->> 'disposition'
	when coalesce(body::json #>> '{origin,stated,withdrawn}', '') <> '' then 'withdrawn'
	when body::json #>> '{origin,stated,state}' = 'REJECTED' then 'rejected'
	else '' end
	where body like '%"disposition":%' or body like '%"withdrawn":%' or body like '%"REJECTED"%';
-- All that a count asks of a case, so that it reads no row.
create index cases_recurring on cases (cwe, product, component, at, audience, severity, barred, guard);
create index cases_barred on cases (at, guard) where barred <> '';
create index cases_late on cases (product, component, at, audience, barred, guard) where breached;
