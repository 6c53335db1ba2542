-- The second wall, as of 0050, around what was measured.
alter table spans enable row level security;
alter table spans force row level security;
create policy seen on spans for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on spans for insert with check (true);
create policy changed on spans for update using (true);
create policy removed on spans for delete using (true);
