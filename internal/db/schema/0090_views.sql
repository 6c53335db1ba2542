-- The view that a list opens with, of each person who chose one.
create table view_choices (
	holder text not null,
	surface text not null,     -- the list
	view text not null,        -- the id of a saved view
	primary key (holder, surface)
);
