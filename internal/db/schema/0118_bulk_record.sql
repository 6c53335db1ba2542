-- Which record a row of a change of many is about. guard is who sees it: the record
-- itself, of an advisory the case that it speaks of, of which there may be several.
alter table bulk_rows add column record text not null default '';
update bulk_rows set record = guard;
drop index bulk_rows_guard;
create index bulk_rows_guard on bulk_rows (guard);
create unique index bulk_rows_record on bulk_rows (record, bulk);
