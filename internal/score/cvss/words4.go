package cvss

// metrics4 are the metrics of CVSS 4.0 (Specification Document, sections 2 to
// 5), explained in our words. The order is the one that vectors must have.
var metrics4 = append(safety(withModified([]Metric{
	{Abbrev: "AV", Name: "Attack Vector", Group: Base, Mandatory: true, Help: "From how far away can the vulnerability be exploited?", Choices: []Choice{
		{"N", "Network", "From anywhere that routers reach, the internet included."},
		{"A", "Adjacent", "Only from the same local network, radio range or administrative domain."},
		{"L", "Local", "Only on the machine: by an account there, its console, or a file that a person there opens."},
		{"P", "Physical", "Only by touching or handling the device."},
	}},
	{Abbrev: "AC", Name: "Attack Complexity", Group: Base, Mandatory: true, Help: "Must the attacker get past a defence that was built in, such as address randomisation?", Choices: []Choice{
		{"L", "Low", "No; nothing stands in the way that must be overcome for this target."},
		{"H", "High", "Yes; a defence must be evaded, or a secret of this target gathered first."},
	}},
	{Abbrev: "AT", Name: "Attack Requirements", Group: Base, Mandatory: true, Help: "Must the target be in a particular state that nobody built as a defence?", Choices: []Choice{
		{"N", "None", "No; the attack works in all or most deployments."},
		{"P", "Present", "Yes; for example a race must be won or one configuration be in place."},
	}},
	{Abbrev: "PR", Name: "Privileges Required", Group: Base, Mandatory: true, Help: "What rights must the attacker hold beforehand?", Choices: []Choice{
		{"N", "None", "None; the attacker is not signed in."},
		{"L", "Low", "Those of an ordinary account."},
		{"H", "High", "Those of an administrator, or others that matter much."},
	}},
	{Abbrev: "UI", Name: "User Interaction", Group: Base, Mandatory: true, Help: "Must somebody else do something?", Choices: []Choice{
		{"N", "None", "No; it works without anybody's help."},
		{"P", "Passive", "Yes, but only what they do anyway, such as visiting a page."},
		{"A", "Active", "Yes, and on purpose: dismiss a warning, import a file, enter something."},
	}},
	{Abbrev: "VC", Name: "Vulnerable System Confidentiality", Group: Base, Mandatory: true, Help: "How much of the vulnerable system can the attacker read?", Choices: []Choice{
		{"H", "High", "Everything, or something whose loss alone is grave."},
		{"L", "Low", "Some of it, and the attacker does not choose what."},
		{"N", "None", "Nothing."},
	}},
	{Abbrev: "VI", Name: "Vulnerable System Integrity", Group: Base, Mandatory: true, Help: "How much of the vulnerable system can the attacker change?", Choices: []Choice{
		{"H", "High", "Everything, or something whose change alone is grave."},
		{"L", "Low", "Some of it, with limited or uncontrolled effect."},
		{"N", "None", "Nothing."},
	}},
	{Abbrev: "VA", Name: "Vulnerable System Availability", Group: Base, Mandatory: true, Help: "How far can the attacker keep others from using the vulnerable system?", Choices: []Choice{
		{"H", "High", "Altogether, or in part where that is grave."},
		{"L", "Low", "It slows down or breaks off now and then."},
		{"N", "None", "Not at all."},
	}},
	{Abbrev: "SC", Name: "Subsequent System Confidentiality", Group: Base, Mandatory: true, Help: "How much of other systems can the attacker read as a consequence?", Choices: []Choice{
		{"H", "High", "Everything, or something whose loss alone is grave."},
		{"L", "Low", "Some of it, and the attacker does not choose what."},
		{"N", "None", "Nothing, or all harm stays in the vulnerable system."},
	}},
	{Abbrev: "SI", Name: "Subsequent System Integrity", Group: Base, Mandatory: true, Help: "How much of other systems can the attacker change as a consequence?", Choices: []Choice{
		{"H", "High", "Everything, or something whose change alone is grave."},
		{"L", "Low", "Some of it, with limited or uncontrolled effect."},
		{"N", "None", "Nothing, or all harm stays in the vulnerable system."},
	}},
	{Abbrev: "SA", Name: "Subsequent System Availability", Group: Base, Mandatory: true, Help: "How far can the attacker disturb other systems as a consequence?", Choices: []Choice{
		{"H", "High", "Altogether, or in part where that is grave."},
		{"L", "Low", "They slow down or break off now and then."},
		{"N", "None", "Not at all, or all harm stays in the vulnerable system."},
	}},

	{Abbrev: "E", Name: "Exploit Maturity", Group: Threat, Help: "How near are attacks, by what is known today?", Choices: []Choice{
		{"X", "Not Defined", "No threat intelligence at hand; scores as Attacked."},
		{"A", "Attacked", "Attacks were reported, or there are tools that make them easy."},
		{"P", "Proof-of-Concept", "A demonstration is public; neither attacks nor easy tools are known."},
		{"U", "Unreported", "Neither a demonstration nor attacks are known."},
	}},
	{Abbrev: "CR", Name: "Confidentiality Requirement", Group: Environmental, Help: "How much would lost confidentiality hurt here?", Choices: requirement(scoresAsHigh)},
	{Abbrev: "IR", Name: "Integrity Requirement", Group: Environmental, Help: "How much would lost integrity hurt here?", Choices: requirement(scoresAsHigh)},
	{Abbrev: "AR", Name: "Availability Requirement", Group: Environmental, Help: "How much would lost availability hurt here?", Choices: requirement(scoresAsHigh)},
})), supplemental4...)

// safety gives the modified subsequent-system metrics their own words: N is
// called Negligible there, and integrity and availability can also cost lives.
func safety(metrics []Metric) []Metric {
	for i := range metrics {
		m := &metrics[i]
		switch m.Abbrev {
		case "MSC", "MSI", "MSA":
			m.Choices[3].Name = "Negligible"
		}
		switch m.Abbrev {
		case "MSI", "MSA":
			s := Choice{"S", "Safety", "A person could foreseeably be injured, or worse."}
			m.Choices = append([]Choice{m.Choices[0], s}, m.Choices[1:]...)
		}
	}
	return metrics
}

// supplemental4 never change the score.
var supplemental4 = []Metric{
	{Abbrev: "S", Name: "Safety", Group: Supplemental, Help: "Could a person be hurt?", Choices: []Choice{
		{"X", "Not Defined", "Not judged."},
		{"N", "Negligible", "At most slightly (IEC 61508: negligible)."},
		{"P", "Present", "Yes, noticeably (IEC 61508: marginal, critical or catastrophic)."},
	}},
	{Abbrev: "AU", Name: "Automatable", Group: Supplemental, Help: "Could an attacker run the whole attack over many targets by machine?", Choices: []Choice{
		{"X", "Not Defined", "Not judged."},
		{"N", "No", "No; some step needs a person or a defence prevents it."},
		{"Y", "Yes", "Yes, from finding a target to the harm."},
	}},
	{Abbrev: "R", Name: "Recovery", Group: Supplemental, Help: "How does the system come back after an attack?", Choices: []Choice{
		{"X", "Not Defined", "Not judged."},
		{"A", "Automatic", "By itself."},
		{"U", "User", "When a person brings it back."},
		{"I", "Irrecoverable", "Not at all."},
	}},
	{Abbrev: "V", Name: "Value Density", Group: Supplemental, Help: "How much does one attack put into the attacker's hands?", Choices: []Choice{
		{"X", "Not Defined", "Not judged."},
		{"D", "Diffuse", "Little, such as one person's machine."},
		{"C", "Concentrated", "Much, such as a central mail server."},
	}},
	{Abbrev: "RE", Name: "Vulnerability Response Effort", Group: Supplemental, Help: "How hard is it for those affected to respond?", Choices: []Choice{
		{"X", "Not Defined", "Not judged."},
		{"L", "Low", "Easy, such as a setting or reading a notice."},
		{"M", "Moderate", "Some work, with little disturbance, such as a remote update."},
		{"H", "High", "Hard or far away, such as exchanging hardware on site."},
	}},
	{Abbrev: "U", Name: "Provider Urgency", Group: Supplemental, Help: "How urgent does the provider say it is?", Choices: []Choice{
		{"X", "Not Defined", "Not judged."},
		{"Clear", "Clear", "Not urgent; for information."},
		{"Green", "Green", "Of reduced urgency."},
		{"Amber", "Amber", "Of moderate urgency."},
		{"Red", "Red", "Of the highest urgency."},
	}},
}
