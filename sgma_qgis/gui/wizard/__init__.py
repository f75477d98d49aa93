"""The fine-tune wizard: one page a step, one file a page; all of them read and write one `state.WizardState`."""
