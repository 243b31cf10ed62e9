def source(index, group):
    return "\n"
def registry(n):
    return "\n"
