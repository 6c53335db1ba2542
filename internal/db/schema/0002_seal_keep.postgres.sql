-- Each entry waits for its seal, and is never changed or deleted. The one change
-- that passes is to erase reason and detail, leaving their hash: the log still
-- proves the rest.
create function audit_wait() returns trigger language plpgsql as $$ begin insert into audit_new (at, id) values (new.at, new.id); return null; end $$;
create trigger audit_waits after insert on audit for each row execute function audit_wait();
create function audit_refuse() returns trigger language plpgsql as $$ begin raise exception '% is never changed or deleted', tg_table_name; end $$;
create trigger audit_kept before delete on audit for each row execute function audit_refuse();
create trigger audit_not_emptied before truncate on audit for each statement execute function audit_refuse();
create trigger audit_fixed before update on audit for each row
	when (not (old.salt not like 'erased:%' and new.salt like 'erased:%' and new.reason = '' and new.detail = '[]'
		and new.id = old.id and new.at = old.at and new.actor = old.actor and new.verb = old.verb
		and new.subject = old.subject and new.outcome = old.outcome and new.profile = old.profile))
	execute function audit_refuse();
create trigger audit_seal_kept before update or delete on audit_seal for each row execute function audit_refuse();
create trigger audit_seal_not_emptied before truncate on audit_seal for each statement execute function audit_refuse();
