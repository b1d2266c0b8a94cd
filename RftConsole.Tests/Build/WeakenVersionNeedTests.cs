using RftConsole.Build;

namespace RftConsole.Tests.Build;

public sealed class WeakenVersionNeedTests
{
    [Fact]
    public void A_file_that_is_not_ELF_is_refused_by_name() =>
        Assert.Throws<InvalidDataException>(() => WeakenVersionNeed.Weaken(new byte[128], "GLIBCXX_3.4.32"));
}
