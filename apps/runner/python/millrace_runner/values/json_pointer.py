"""JSON pointers (RFC 6901). They name the place of a file in a value. Called by encode_output.py and runs/run.py."""


def pointer_to(parent, key):
    return parent + "/" + str(key).replace("~", "~0").replace("/", "~1")


def place_at(value, pointer, item):
    """Puts an item where the value holds null. False when there is no such place."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if not steps:
        return False
    for step in steps[:-1]:
        value = _child(value, step)
    last = steps[-1]
    if isinstance(value, dict) and last in value:
        value[last] = item
    elif isinstance(value, list) and last.isdigit() and int(last) < len(value):
        value[int(last)] = item
    else:
        return False
    return True


def _child(value, step):
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return None
