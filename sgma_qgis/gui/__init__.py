"""Screens: the dock with one file a panel. A panel is a widget with value(), set_value() and the signal `changed`."""
