-- The second wall, as of 0050, around the causes of cases and their counts: nobody but
-- the house itself reads the counts of everything.
alter table causes enable row level security;
alter table causes force row level security;
create policy seen on causes for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on causes for insert with check (true);
create policy changed on causes for update using (true);
create policy removed on causes for delete using (true);

alter table cause_sums enable row level security;
alter table cause_sums force row level security;
create policy seen on cause_sums for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff')));
create policy made on cause_sums for insert with check (true);
create policy changed on cause_sums for update using (true);
create policy removed on cause_sums for delete using (true);
