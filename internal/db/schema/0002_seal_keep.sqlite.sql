-- Each entry waits for its seal, and is never changed or deleted. The one change
-- that passes is to erase reason and detail, leaving their hash: the log still
-- proves the rest.
create trigger audit_waits after insert on audit begin insert into audit_new (at, id) values (new.at, new.id); end;
create trigger audit_kept before delete on audit begin select raise(abort, 'audit entries are never deleted'); end;
create trigger audit_fixed before update on audit
	when not (old.salt not like 'erased:%' and new.salt like 'erased:%' and new.reason = '' and new.detail = '[]'
		and new.id = old.id and new.at = old.at and new.actor = old.actor and new.verb = old.verb
		and new.subject = old.subject and new.outcome = old.outcome and new.profile = old.profile)
	begin select raise(abort, 'audit entries are never changed'); end;
create trigger audit_seal_kept before delete on audit_seal begin select raise(abort, 'seals are never deleted'); end;
create trigger audit_seal_fixed before update on audit_seal begin select raise(abort, 'seals are never changed'); end;
