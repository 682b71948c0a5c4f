"""Hand-over of charges: referral between offices, joinder, reassignment."""
