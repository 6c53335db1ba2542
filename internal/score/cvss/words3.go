package cvss

// metrics3 are the metrics of CVSS 3.0 and 3.1 (Specification Document,
// sections 2 to 4), explained in our words.
var metrics3 = withModified([]Metric{
	{Abbrev: "AV", Name: "Attack Vector", Group: Base, Mandatory: true, Help: "From how far away can the vulnerability be exploited?", Choices: []Choice{
		{"N", "Network", "From anywhere that routers reach, the internet included."},
		{"A", "Adjacent", "Only from the same local network, radio range or administrative domain."},
		{"L", "Local", "Only on the machine: by an account there, its console, or a file that a person there opens."},
		{"P", "Physical", "Only by touching or handling the device."},
	}},
	{Abbrev: "AC", Name: "Attack Complexity", Group: Base, Mandatory: true, Help: "Must something that the attacker does not control come right first?", Choices: []Choice{
		{"L", "Low", "No; the attack can be repeated with success at will."},
		{"H", "High", "Yes; the attacker must prepare the target, win a race or get between two parties."},
	}},
	{Abbrev: "PR", Name: "Privileges Required", Group: Base, Mandatory: true, Help: "What rights must the attacker hold beforehand?", Choices: []Choice{
		{"N", "None", "None; the attacker is not signed in."},
		{"L", "Low", "Those of an ordinary account."},
		{"H", "High", "Those of an administrator, or others that matter much."},
	}},
	{Abbrev: "UI", Name: "User Interaction", Group: Base, Mandatory: true, Help: "Must somebody else do something?", Choices: []Choice{
		{"N", "None", "No; it works without anybody's help."},
		{"R", "Required", "Yes; for example a person must open a link or a file."},
	}},
	{Abbrev: "S", Name: "Scope", Group: Base, Mandatory: true, Help: "Does the harm reach beyond what the vulnerable component's own authority guards?", Choices: []Choice{
		{"U", "Unchanged", "No; it stays under the same security authority."},
		{"C", "Changed", "Yes; for example out of a sandbox, or from a server into a visitor's browser."},
	}},
	{Abbrev: "C", Name: "Confidentiality", Group: Base, Mandatory: true, Help: "How much can the attacker read that is not theirs to read?", Choices: []Choice{
		{"H", "High", "Everything, or something whose loss alone is grave, such as an administrator's password."},
		{"L", "Low", "Some of it, and the attacker does not choose what."},
		{"N", "None", "Nothing."},
	}},
	{Abbrev: "I", Name: "Integrity", Group: Base, Mandatory: true, Help: "How much can the attacker change that is not theirs to change?", Choices: []Choice{
		{"H", "High", "Everything, or something whose change alone is grave."},
		{"L", "Low", "Some of it, with limited or uncontrolled effect."},
		{"N", "None", "Nothing."},
	}},
	{Abbrev: "A", Name: "Availability", Group: Base, Mandatory: true, Help: "How far can the attacker keep others from using it?", Choices: []Choice{
		{"H", "High", "Altogether, for as long as the attack goes on or longer; or in part where that is grave."},
		{"L", "Low", "It slows down or breaks off now and then."},
		{"N", "None", "Not at all."},
	}},

	{Abbrev: "E", Name: "Exploit Code Maturity", Group: Temporal, Help: "What means of attack are known today?", Choices: []Choice{
		{"X", "Not Defined", "Not judged; scores as High."},
		{"H", "High", "It works everywhere by itself or needs no exploit, or is widely used."},
		{"F", "Functional", "Working exploit code exists for most situations."},
		{"P", "Proof-of-Concept", "A demonstration exists that must be reworked before it is of use."},
		{"U", "Unproven", "No exploit is known, or only a theory."},
	}},
	{Abbrev: "RL", Name: "Remediation Level", Group: Temporal, Help: "What can be done against it today?", Choices: []Choice{
		{"X", "Not Defined", "Not judged; scores as Unavailable."},
		{"U", "Unavailable", "There is nothing, or nothing that can be applied."},
		{"W", "Workaround", "There is a way around it that does not come from the vendor."},
		{"T", "Temporary Fix", "The vendor has released something for the meantime."},
		{"O", "Official Fix", "The vendor has released a complete fix."},
	}},
	{Abbrev: "RC", Name: "Report Confidence", Group: Temporal, Help: "How sure is it that the vulnerability exists as told?", Choices: []Choice{
		{"X", "Not Defined", "Not judged; scores as Confirmed."},
		{"C", "Confirmed", "It was reproduced, or the vendor or the source code says so."},
		{"R", "Reasonable", "Good reports, but the cause is not fully known."},
		{"U", "Unknown", "Signs of harm, but cause or nature are in doubt."},
	}},
	{Abbrev: "CR", Name: "Confidentiality Requirement", Group: Environmental, Help: "How much would lost confidentiality hurt here?", Choices: requirement(scoresAsMedium)},
	{Abbrev: "IR", Name: "Integrity Requirement", Group: Environmental, Help: "How much would lost integrity hurt here?", Choices: requirement(scoresAsMedium)},
	{Abbrev: "AR", Name: "Availability Requirement", Group: Environmental, Help: "How much would lost availability hurt here?", Choices: requirement(scoresAsMedium)},
})

const (
	scoresAsMedium = "Not judged; scores as Medium."
	scoresAsHigh   = "Not judged; scores as High."
)

func requirement(unjudged string) []Choice {
	return []Choice{
		{"X", "Not Defined", unjudged},
		{"H", "High", "The harm here would be catastrophic."},
		{"M", "Medium", "The harm here would be serious."},
		{"L", "Low", "The harm here would be limited."},
	}
}

// withModified appends, for every base metric, the modified metric that can
// stand in for it in one environment.
func withModified(metrics []Metric) []Metric {
	for _, m := range metrics {
		if m.Group != Base {
			continue
		}
		choices := []Choice{{"X", "Not Defined", "As the base metric says."}}
		metrics = append(metrics, Metric{
			Abbrev: "M" + m.Abbrev, Name: "Modified " + m.Name, Group: Environmental,
			Help: "In this environment: " + m.Help, Choices: append(choices, m.Choices...),
		})
	}
	return metrics
}
