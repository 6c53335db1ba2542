-- The second wall, as of 0050, around indicators and tasks.
alter table kris enable row level security;
alter table kris force row level security;
create policy seen on kris for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on kris for insert with check (true);
create policy changed on kris for update using (true);
create policy removed on kris for delete using (true);

alter table kri_risks enable row level security;
alter table kri_risks force row level security;
create policy seen on kri_risks for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on kri_risks for insert with check (true);
create policy changed on kri_risks for update using (true);
create policy removed on kri_risks for delete using (true);

alter table kri_points enable row level security;
alter table kri_points force row level security;
create policy seen on kri_points for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on kri_points for insert with check (true);
create policy changed on kri_points for update using (true);
create policy removed on kri_points for delete using (true);

alter table kri_samples enable row level security;
alter table kri_samples force row level security;
create policy seen on kri_samples for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on kri_samples for insert with check (true);
create policy changed on kri_samples for update using (true);
create policy removed on kri_samples for delete using (true);

alter table tasks enable row level security;
alter table tasks force row level security;
create policy seen on tasks for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on tasks for insert with check (true);
create policy changed on tasks for update using (true);
create policy removed on tasks for delete using (true);
