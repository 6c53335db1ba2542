-- The record that a report repeats, so that who may not know of the one does not
-- read of it in the other; '' is none.
alter table reports add column original text not null default '';
create index reports_original on reports (original);
