-- The mark of an advisory's Document, by which lists ask for it.
alter table advisories add column tlp text not null default '';
update advisories set tlp = coalesce(body::json #>> '{document,tlp}', '');
