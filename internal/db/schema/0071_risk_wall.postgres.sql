-- The second wall, as of 0050, around the register.
alter table risks enable row level security;
alter table risks force row level security;
create policy seen on risks for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on risks for insert with check (true);
create policy changed on risks for update using (true);
create policy removed on risks for delete using (true);

alter table evaluations enable row level security;
alter table evaluations force row level security;
create policy seen on evaluations for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on evaluations for insert with check (true);
create policy changed on evaluations for update using (true);
create policy removed on evaluations for delete using (true);

alter table evidence enable row level security;
alter table evidence force row level security;
create policy seen on evidence for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on evidence for insert with check (true);
create policy changed on evidence for update using (true);
create policy removed on evidence for delete using (true);

alter table decisions enable row level security;
alter table decisions force row level security;
create policy seen on decisions for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on decisions for insert with check (true);
create policy changed on decisions for update using (true);
create policy removed on decisions for delete using (true);
