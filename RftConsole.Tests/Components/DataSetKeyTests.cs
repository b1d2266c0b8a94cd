using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Components.Pages;

namespace RftConsole.Tests.Components;

/// <summary>A data set's encryption, on its page.</summary>
public sealed class DataSetKeyTests : PageContext
{
    [Fact]
    public void A_data_set_is_encrypted_with_the_default_key_and_the_page_says_so()
    {
        EncryptionKeys.All.AddRange([FakeEncryptionKeys.Make("a-key"), FakeEncryptionKeys.Make("vault") with { IsDefault = true }]);
        ShowSet();
        Assert.Equal("Not encrypted", Said());
        TaskCompletionSource half = new();
        DataSetEncryption.Work = (progress, _) =>
        {
            progress!.Report(0.5);
            return half.Task;
        };

        Click("Encrypt with a key");
        Click("Encrypt");

        Page.WaitForAssertion(() => Assert.Equal("50", Page.Find("[aria-label='Encrypting train.jsonl']").GetAttribute("aria-valuenow")));
        half.SetResult();
        Page.WaitForAssertion(() => Assert.Equal("Encrypted with the key vault", Said()));
        Assert.Equal("vault", DataSetEncryption.KeyOf["up-1"]);
        Assert.Null(FindButton("Encrypt with a key"));
    }

    [Fact]
    public void Its_key_is_changed_to_another_one()
    {
        EncryptionKeys.All.AddRange([FakeEncryptionKeys.Make("first"), FakeEncryptionKeys.Make("second")]);
        DataSetEncryption.KeyOf["up-1"] = "first";
        ShowSet();
        Assert.Equal("Encrypted with the key first", Said());

        Click("Change encryption key");
        Click("Change key");

        Page.WaitForAssertion(() => Assert.Equal("Encrypted with the key second", Said()));
    }

    [Fact]
    public void A_refusal_stays_in_the_dialog()
    {
        EncryptionKeys.All.Add(FakeEncryptionKeys.Make("vault", KeyKind.Passphrase, unlocked: false));
        DataSetEncryption.Refusal = "The encryption key \"vault\" is locked.";
        ShowSet();

        Click("Encrypt with a key");
        Click("Encrypt");

        Page.WaitForAssertion(() => Assert.Contains("is locked.", Page.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        Assert.Equal("Not encrypted", Said());
    }

    [Fact]
    public void A_dialog_that_is_closed_gives_the_encryption_up()
    {
        EncryptionKeys.All.Add(FakeEncryptionKeys.Make("vault"));
        DataSetEncryption.Work = (_, cancelled) => new TaskCompletionSource().Task.WaitAsync(cancelled);
        ShowSet();
        Click("Encrypt with a key");
        Click("Encrypt");
        Page.WaitForAssertion(() => Assert.True(FindButton("Encrypt")!.HasAttribute("disabled")));

        Click("Cancel");

        Page.WaitForAssertion(() => Assert.Null(FindButton("Cancel")));
        Assert.Equal("Not encrypted", Said());
        Assert.Empty(DataSetEncryption.KeyOf);
    }

    [Fact]
    public void Without_a_key_the_dialog_says_where_one_comes_from()
    {
        ShowSet();

        Click("Encrypt with a key");

        Page.WaitForAssertion(() => Assert.Contains("An administrator adds one in Settings.", Page.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        Assert.True(FindButton("Encrypt")!.HasAttribute("disabled"));
    }

    private void ShowSet()
    {
        Versions.Add("up-1", "train.jsonl", """{"messages":[{"role":"user","content":"first"}],"reference_answer":"1"}""");
        Show<DataSetPage>("/datasets/up-1", ("Id", "up-1"));
        Page.WaitForAssertion(() => Assert.NotEmpty(Page.FindAll("[aria-label=Encryption]")));
    }

    private string Said() => Text(Page.Find("[aria-label=Encryption]"));
}
