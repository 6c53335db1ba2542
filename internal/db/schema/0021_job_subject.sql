-- The record that a job is about, so that a list of jobs tells nobody of a record
-- that they may not see; '' is none.
alter table jobs add column subject text not null default '';
