"""The teacher's desk: whatever a teacher has becomes a draft, a draft becomes a lesson, and the class has it.

Each file adds its pages to the blueprint of ``edubox.box.desk``, whose guard has already seen who asks.
"""
